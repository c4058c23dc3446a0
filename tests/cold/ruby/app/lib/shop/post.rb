# frozen_string_literal: true

module Shop
  class Post
    def letter
      require 'mail'
      mail = Mail.new do
        from 'shop@example.org'
        to 'Anna Ä <anna@example.org>'
        subject 'Grüße'
        text_part { body 'plain' }
        html_part { body '<p>plain</p>' }
        add_file filename: 'a.txt', content: 'x' * 80
      end
      mail.delivery_method :smtp, address: '127.0.0.1', port: 9
      sent = begin
        mail.deliver!
        'sent'
      rescue SystemCallError => e
        e.class.name
      end
      again = Mail.read_from_string(mail.to_s)
      [again.subject, again.parts.size, again.attachments.first&.mime_type, sent].join(' ')
    end
  end
end
