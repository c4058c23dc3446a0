# frozen_string_literal: true

module Shop
  # Notes in a database; the adapter and the extensions are found by name.
  class Store
    def initialize
      require 'sequel'
      @db = Sequel.connect(ENV.fetch('DATABASE_URL'), test: true)
      @db.extension :pagination, :constraint_validations
      @db.create_table?(:notes) do
        primary_key :id
        String :body, null: false
        DateTime :made
      end
    end

    def add(body) = @db[:notes].insert(body: body, made: Time.now)

    def notes
      model = Class.new(Sequel::Model(@db[:notes])) do
        plugin :json_serializer
        plugin :validation_helpers
        plugin :timestamps, create: :made
        def validate = validates_presence(:body)
      end
      [model.new.valid?, model.count, model.dataset.paginate(1, 10).page_count, JSON.parse(model.where(id: 1).to_json).size, begin
        @db.run('selec')
      rescue Sequel::DatabaseError => e
        e.message[/syntax error/]
      end].join(' ')
    end
  end
end
