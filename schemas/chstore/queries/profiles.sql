-- The saved profiles of files as they are, those saved last first; ended ones are left out.
SELECT name, kind, text, actor, ended, recorded_at
FROM profiles_store FINAL
WHERE NOT ended
ORDER BY recorded_at DESC, name
