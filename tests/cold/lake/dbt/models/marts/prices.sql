{{ config(materialized='incremental', unique_key='id') }}
select id, what, {{ dbt.concat(["what", "'-'", "cast(id as varchar)"]) }} as label, {{ cents('price') }} as cents, {{ dbt.dateadd('day', 1, 'day') }} as later
from {{ ref('stg_cups') }}
{% if is_incremental() %}where id > (select max(id) from {{ this }}){% endif %}
