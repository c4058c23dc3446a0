select id, what, price, cast(day as date) as day from {{ ref('cups') }}
