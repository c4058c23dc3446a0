set global event_scheduler=on;
create table log (what text);
create trigger t after insert on items for each row insert into log values ('new');
create event if not exists e on schedule every 1 second do insert into items (name) values ('tick');
delimiter //
create or replace procedure p() begin declare exit handler for sqlexception select 'caught'; signal sqlstate '45000'; end//
set sql_mode=oracle//
begin null; end//
delimiter ;
call p();
