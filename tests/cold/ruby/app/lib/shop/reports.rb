# frozen_string_literal: true

module Shop
  # A report is a file below reports/, required by its name.
  module Reports
    class Unknown < StandardError; end
    autoload :Csv, File.join(__dir__, 'reports/csv')

    def self.make(kind, params)
      require_relative "reports/#{kind.gsub(/\W/, '')}"
      const_get(kind.capitalize).new.write(params)
    rescue LoadError
      raise Unknown, "no report #{kind}"
    end
  end
end
