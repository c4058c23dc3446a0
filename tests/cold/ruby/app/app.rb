# frozen_string_literal: true

require 'sinatra/base'
require 'zeitwerk'

loader = Zeitwerk::Loader.new
loader.push_dir(File.join(__dir__, 'lib'))
loader.setup

module Shop
  # The routes; all else is loaded by name.
  class App < Sinatra::Base
    set :root, __dir__
    set :show_exceptions, false
    set :host_authorization, permitted_hosts: []

    get('/') { erb :home, locals: { name: params['name'] || 'you' } }
    get('/health') { 'ok' }
    get('/haml') { haml :page }
    get('/mustache') { mustache_of('Hi {{who}}', who: params['who']) }
    get('/markdown') { markdown(File.read(File.join(__dir__, 'data/readme.md')), layout: false) }
    get('/report/:kind') { Reports.make(params['kind'], params) }
    post('/xml') { Documents.read(request.body.read) }
    get('/time') { Clock.new(params['zone'] || 'UTC').to_s }
    get('/speak') { Speech.new(params['locale'] || 'en').all }
    get('/letters') { Letters.all }
    get('/secrets') { Secrets.all }
    get('/notes') { Store.new.notes.to_s }
    post('/notes') { Store.new.add(request.body.read).to_s }
    get('/fetch') { Fetch.get(params['url']) }
    get('/tools') { Tools.all }
    get('/mail') { Post.new.letter }
    get('/json') { Data.all }
    get('/count') { (session[:n] = session[:n].to_i + 1).to_s }
    get('/boom') { raise ArgumentError, 'as asked' }
    get('/typo') { nil.upcsae }
    get('/stream') { stream { |out| 3.times { |n| out << "part #{n}\n" } } }
    get('/file') { send_file File.join(__dir__, 'public/page.html') }

    error(404) { erb :missing }
    error { "#{env['sinatra.error'].class}: #{env['sinatra.error'].detailed_message(highlight: false)}" }

    def mustache_of(text, **values)
      require 'mustache'
      Mustache.render(text, values)
    end
  end
end
