SELECT count() FROM system.databases WHERE name = unhex({database:String})
