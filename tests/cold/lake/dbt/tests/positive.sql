select * from {{ ref('prices') }} where cents < 0
