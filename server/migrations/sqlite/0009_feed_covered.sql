-- A page of one town's sites read a row of the feed for each entry of the index, on as many pages of the file as there are towns
-- beside it; what a pull asks of the feed stands in the index itself now.
CREATE INDEX feed_by_scope_covered ON feed (tenant, stream, scope, seq, key, op);
DROP INDEX feed_by_scope;
