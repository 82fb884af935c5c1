/*
 * Every script gets the store's prefix as its only key; the keys it makes of it share the prefix's hash tag, so they lie
 * in one slot of a cluster. Under the prefix lie
 *
 *   seq               how many checkpoints were saved
 *   c:<id>            hash of a checkpoint: head, body, thread, base, hidden
 *   all               sorted set of the visible ids, in the order of saving
 *   t:<thread>        the same of one thread
 *   heads:<thread>    hash from a branch to its head
 *   on:<id>           set of the ids whose state builds on a checkpoint
 *   parts:<id>        set of the result lists of a checkpoint
 *   r:<scope>, a:<thread>        lists of results and answers, in the order of saving
 *   r:<scope>:has, a:<thread>:has  sets of what they hold
 */

const KEY = "local function key(...) return KEYS[1] .. ':' .. table.concat({...}, ':') end\n";

/** Arguments: id, thread, branch, base or '', expected parent or '', the results' scope, head, body. */
export const SAVE: string = `${KEY}
local id, thread, branch, base, expected, scope, head, body = unpack(ARGV)
local actual = redis.call('HGET', key('heads', thread), branch) or ''
if actual ~= expected or redis.call('EXISTS', key('c', id)) == 1 then return {'conflict', actual} end
if base ~= '' and redis.call('EXISTS', key('c', base)) == 0 then return {'gone', base} end
local seq = redis.call('INCR', key('seq'))
redis.call('HSET', key('c', id), 'head', head, 'body', body, 'thread', thread, 'base', base, 'hidden', '0')
redis.call('ZADD', key('all'), seq, id)
redis.call('ZADD', key('t', thread), seq, id)
redis.call('HSET', key('heads', thread), branch, id)
if base ~= '' then redis.call('SADD', key('on', base), id) end
if expected ~= '' then
  redis.call('DEL', key('r', scope), key('r', scope, 'has'))
  redis.call('SREM', key('parts', expected), scope)
  if redis.call('SCARD', key('parts', expected)) == 0 then redis.call('DEL', key('parts', expected)) end
end
return {'saved', id}
`;

/** Arguments: the list's key, what tells the entries apart, the entry; for a result its checkpoint and scope, else '' and ''. */
export const INSERT: string = `${KEY}
local list, name, entry, checkpoint, scope = unpack(ARGV)
if redis.call('SADD', key(list, 'has'), name) == 0 then return 0 end
redis.call('RPUSH', key(list), entry)
if checkpoint ~= '' then redis.call('SADD', key('parts', checkpoint), scope) end
return 1
`;

/** Argument: the list's key. */
export const READ_LIST: string = `${KEY}
return redis.call('LRANGE', key(ARGV[1]), 0, -1)
`;

/** Arguments: id, '1' for the checkpoint alone. Gives the bodies from it down to the whole one, or the id that is gone. */
export const READ_CHAIN: string = `${KEY}
local id, one = ARGV[1], ARGV[2]
local bodies = {}
while id ~= '' do
  local body, base, hidden = unpack(redis.call('HMGET', key('c', id), 'body', 'base', 'hidden'))
  if not body or (hidden == '1' and #bodies == 0) then return {'gone', id} end
  table.insert(bodies, body)
  if one == '1' then break end
  id = base
end
return {'found', unpack(bodies)}
`;

/** Arguments: the sorted set's key, the place after which to read, how many. Gives heads and places in turn. */
export const READ_HEADS: string = `${KEY}
local found = redis.call('ZRANGEBYSCORE', key(ARGV[1]), '(' .. ARGV[2], '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[3])
local heads = {}
for index = 1, #found, 2 do
  table.insert(heads, redis.call('HGET', key('c', found[index]), 'head'))
  table.insert(heads, found[index + 1])
end
return heads
`;

/** Argument: id. */
export const DELETE: string = `${KEY}
local id = ARGV[1]
local thread, hidden = unpack(redis.call('HMGET', key('c', id), 'thread', 'hidden'))
if not thread or hidden == '1' then return 0 end
redis.call('HSET', key('c', id), 'hidden', '1')
redis.call('ZREM', key('all'), id)
redis.call('ZREM', key('t', thread), id)
for _, scope in ipairs(redis.call('SMEMBERS', key('parts', id))) do
  redis.call('DEL', key('r', scope), key('r', scope, 'has'))
end
redis.call('DEL', key('parts', id))
local unused = id
while unused ~= '' do
  local base, isHidden = unpack(redis.call('HMGET', key('c', unused), 'base', 'hidden'))
  if isHidden ~= '1' or redis.call('SCARD', key('on', unused)) > 0 then break end
  redis.call('DEL', key('c', unused))
  if base ~= '' then redis.call('SREM', key('on', base), unused) end
  unused = base
end
if redis.call('ZCARD', key('t', thread)) == 0 then
  redis.call('DEL', key('heads', thread), key('a', thread), key('a', thread, 'has'))
end
return 1
`;
