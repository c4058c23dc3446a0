# frozen_string_literal: true

module Shop
  module Letters
    def self.all
      [
        '月'.encode('Shift_JIS').bytes.map { |b| format('%02x', b) }.join, 'é'.encode('ISO-8859-1').bytesize, "\xEE\xF0".dup.force_encoding('KOI8-R').encode('UTF-8'), '한'.encode('EUC-KR').bytesize,
        "e\u0301".unicode_normalize(:nfc).size, 'straße'.upcase, 'a'.encode('UTF-16').bytesize, 'Ελλάς' =~ /\p{Greek}+/ ? 'greek' : 'none', "\xff".dup.force_encoding('UTF-8').scrub('?'), '中'.encode('GB18030').bytesize,
        'x'.encode('IBM437').encoding, "\u3042".encode('ISO-2022-JP').bytesize, 'ü'.encode('US-ASCII', fallback: { 'ü' => 'ue' })
      ].join(' ')
    rescue EncodingError => e
      "#{e.class} #{e.message}"
    end
  end
end
