SELECT count() FROM system.tables WHERE database = unhex({database:String}) AND name = 'schema_migrations'
