Sequel.migration do
  change { create_table(:orders) { primary_key :id } }
end
