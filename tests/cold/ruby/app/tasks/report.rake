# frozen_string_literal: true

desc 'Write the report'
task :report do
  require_relative '../app'
  puts Shop::Reports.make('table', {})
end
