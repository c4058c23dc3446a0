{% snapshot kept %}{{ config(target_schema='kept', unique_key='id', strategy='check', check_cols='all') }}
select * from {{ ref('stg_cups') }}
{% endsnapshot %}
