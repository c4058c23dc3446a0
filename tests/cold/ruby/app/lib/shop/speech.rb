# frozen_string_literal: true

module Shop
  class Speech
    def initialize(locale) = @locale = locale

    def all
      require 'i18n'
      I18n.load_path |= Dir[File.expand_path('../../config/locales/*.yml', __dir__)]
      require 'active_support/all'
      require 'active_support/number_helper'
      I18n.with_locale(@locale) do
        [I18n.t('hello', name: 'x'), I18n.t('items', count: 2), I18n.transliterate('Ærøskøbing'), ActiveSupport::NumberHelper.number_to_human_size(1_234_567, locale: :en), 'octopus'.pluralize, 'a_name'.camelize,
         ActiveSupport::NumberHelper.number_to_currency(3.5, locale: :en), [1, 2].to_sentence(locale: :en)].join(' ')
      end
    rescue I18n::InvalidLocale => e
      e.message
    end
  end
end
