import { boundedKey } from '../bounded-key';
import { USED_MS, type QueueRegister } from '../queue/queue-register';
import type { ScriptRunner } from './connection';
import { script } from './script';

/**
 * Keys: users of the queue, a hash from user to when they said so and their text; queues, a hash from name to when somebody
 * said so last. Times are the server's, milliseconds since the epoch. Arguments: user that is asking, who is no answer to
 * itself.
 */
const COMMON = `
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
local function others()
  local found, answer = redis.call('HGETALL', KEYS[1]), {}
  for i = 1, #found, 2 do
    local at, text = string.match(found[i + 1], '^(%d+) (.*)$')
    if found[i] == ARGV[1] then
      -- It says so anew, or is not there any more.
    elseif not at or now - at > ${USED_MS} then
      redis.call('HDEL', KEYS[1], found[i])
    else
      answer[#answer + 1] = text
    end
  end
  return answer
end
`;

/** Further arguments: text, name of the queue. Answer: texts of the others. */
const ANNOUNCE = script(`${COMMON}
local function save(key, name, value)
  local answer = redis.pcall('HSET', key, name, value)
  local refused = type(answer) == 'table' and answer.err
  if refused and string.find(refused, 'WRONGTYPE', 1, true) then
    return {err = 'WRONGTYPE ' .. key .. ' is there, but is no register of ours'}
  end
  return refused and answer
end
return save(KEYS[2], ARGV[3], now) or save(KEYS[1], ARGV[1], now .. ' ' .. ARGV[2]) or others()
`);

const LEAVE = script("return redis.call('HDEL', KEYS[1], ARGV[1])");

/** Answer: texts of all. */
const USERS = script(`${COMMON}
return others()
`);

/** Answer: names, each with when. */
const NAMES = script("return redis.call('HGETALL', KEYS[1])");

/** The register of all processes on one Redis. A user who has not said so for a while is forgotten by whoever asks next. */
export function createRedisQueueRegister(runner: ScriptRunner): QueueRegister {
  const queues = `${runner.prefix}queues`;
  const usersOf = (queue: string): string => `${runner.prefix}updates:${boundedKey(queue)}:users`;
  return {
    announce: async (queue, user, text) =>
      (await runner.run(ANNOUNCE, [usersOf(queue), queues], [user, text, queue])) as string[],
    leave: async (queue, user) => {
      await runner.run(LEAVE, [usersOf(queue)], [user]);
    },
    names: async () => {
      const found = (await runner.run(NAMES, [queues], [])) as string[];
      return found.filter((_, i) => i % 2 === 0);
    },
    users: async queue => (await runner.run(USERS, [usersOf(queue)], [''])) as string[],
  };
}
