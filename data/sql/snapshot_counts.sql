-- one row per snapshot: how many rows its tables hold, and its first and last moment
select
    (select count(*) from snapshot.accounts) as accounts,
    (select count(*) from snapshot.engagements) as engagements,
    (select count(*) from snapshot.logins) as logins,
    (select count(*) from snapshot.labels) as labels,
    (select min("at") from snapshot.engagements) as first_at,
    (select max("at") from snapshot.engagements) as last_at
