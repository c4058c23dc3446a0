require "openssl" if ENV["TLS"]
port ENV.fetch('PORT', 9292)
workers Integer(ENV['WORKERS']) if ENV['WORKERS']
threads 1, 3
pidfile '/tmp/puma.pid'
state_path '/tmp/puma.state'
activate_control_app 'unix:///tmp/puma.ctl', no_token: true
if ENV['TLS']
  key = OpenSSL::PKey::RSA.new(2048)
  cert = OpenSSL::X509::Certificate.new.tap do |c|
    c.version = 2
    c.serial = 1
    c.subject = c.issuer = OpenSSL::X509::Name.parse('/CN=localhost')
    c.public_key = key.public_key
    c.not_before = Time.now - 60
    c.not_after = Time.now + 86_400
    c.sign(key, OpenSSL::Digest.new('SHA256'))
  end
  ssl_bind '0.0.0.0', 9293, cert_pem: cert.to_pem, key_pem: key.to_pem
end
