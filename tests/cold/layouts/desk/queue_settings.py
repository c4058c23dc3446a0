task_serializer = "yaml"
accept_content = ["yaml", "json"]
result_compression = "lzma"
broker_connection_retry_on_startup = True
worker_hijack_root_logger = True
beat_schedule = {"often": {"task": "desk.bells.strike", "schedule": 2.0}}
beat_scheduler = "celery.beat:PersistentScheduler"
