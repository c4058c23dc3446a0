# frozen_string_literal: true

require 'openssl'
require 'digest'
require 'securerandom'
require 'base64'

module Shop
  module Secrets
    def self.all
      require 'bcrypt'
      require 'zlib'
      cipher = OpenSSL::Cipher.new('aes-256-gcm').encrypt
      cipher.key = 'k' * 32
      cipher.iv = 'i' * 12
      key = OpenSSL::PKey::EC.generate('prime256v1')
      [Digest::SHA256.hexdigest('x')[0, 8], Digest::SHA512.hexdigest('x').size, Digest::RMD160.hexdigest('x').size, Digest::MD5.base64digest('x'), OpenSSL::HMAC.hexdigest('SHA1', 'k', 'x')[0, 8],
       Base64.strict_encode64(cipher.update('text') + cipher.final), key.dsa_verify_asn1('d' * 32, key.dsa_sign_asn1('d' * 32)), BCrypt::Password.new(BCrypt::Password.create('p', cost: 4)) == 'p',
       SecureRandom.uuid.size, Zlib.gunzip(Zlib.gzip('packed')), OpenSSL::X509::Store.new.tap(&:set_default_paths).class, old].join(' ')
    end

    def self.old
      OpenSSL::Provider.load('legacy')
      OpenSSL::Digest.new('MD4').hexdigest('x').size
    end
  end
end
