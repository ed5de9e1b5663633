create table person(id integer primary key, name text, city integer, born integer);
create table city(id integer primary key, name text);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 40) insert into city select i, 'city ' || i from n;
with recursive n(i) as (select 1 union all select i + 1 from n where i < 4000)
  insert into person select i, 'person ' || i, 1 + (i * 7919) % 40, 1930 + (i * 104729) % 80 from n;
create index by_city on person(city, born);
select city.name, count(*), min(born), round(avg(born), 3) from person join city on city.id = person.city group by city.id order by 2 desc, 1 limit 5;
select sum(length(name)), group_concat(distinct born % 7) from person where born between 1950 and 1960;
update person set born = born + 1 where city in (select id from city where name like '%3');
select count(*), sum(born) from person where name glob 'person *[13579]';
with ranked as (select name, born, row_number() over (partition by city order by born desc, id) as place from person)
  select name, born from ranked where place = 1 order by born desc, name limit 3;
