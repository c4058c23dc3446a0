{% macro cents(column) %}cast(round({{ column }} * 100) as integer){% endmacro %}
{% macro told(results) %}{% do log("ran " ~ (results | length), info=true) %}select 1{% endmacro %}
{% macro sizes() %}{% set found = run_query("select count(*) from " ~ ref('prices')) %}{% do log("size " ~ found.columns[0].values()[0] ~ " " ~ modules.datetime.date(2026, 1, 2) ~ " " ~ modules.pytz.timezone('Asia/Tokyo') ~ " " ~ modules.re.sub('a', 'b', 'cat'), info=true) %}{% endmacro %}
