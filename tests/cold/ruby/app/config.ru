# frozen_string_literal: true

require_relative 'app'
use Rack::Deflater
use Rack::Session::Cookie, key: 'shop', secret: 's' * 64
map('/static') { run Rack::Files.new(File.join(__dir__, 'public')) }
map('/') { run Shop::App }
