-- An inventory or profile without a time is older than any with one.
UPDATE image SET inventory = '(undated)' WHERE inventory = 'undated';
UPDATE image SET profile = '(undated)' WHERE profile = 'undated';
