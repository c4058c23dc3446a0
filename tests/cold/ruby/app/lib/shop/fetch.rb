# frozen_string_literal: true

module Shop
  module Fetch
    def self.get(url)
      require 'open-uri'
      require 'net/http'
      require 'resolv'
      require 'ipaddr'
      text = URI.parse(url).open(open_timeout: 2, read_timeout: 2).read
      reply = Net::HTTP.post(URI('http://127.0.0.1:9292/notes'), 'from itself')
      "#{text} #{reply.code} #{Resolv::Hosts.new.getaddress('localhost')} #{IPAddr.new('10.0.0.0/8').include?('10.1.2.3')} #{Addrinfo.tcp('localhost', 'http').ip_port}"
    rescue SocketError, SystemCallError, OpenSSL::SSL::SSLError => e
      "cannot: #{e.class}"
    end
  end
end
