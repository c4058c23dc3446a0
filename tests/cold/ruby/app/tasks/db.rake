# frozen_string_literal: true

namespace :db do
  desc 'Bring the database up to date'
  task :migrate do
    require 'sequel'
    require 'logger'
    Sequel.extension :migration
    db = Sequel.connect(ENV.fetch('DATABASE_URL'), loggers: [Logger.new($stdout, level: :warn)])
    Sequel::Migrator.run(db, File.join(__dir__, '../data/migrations'))
    puts "migrated #{db.tables.sort.join(',')}"
  end
end
