/** What a store on Redis is made of: loaded with the first one, for most Node-RED have none. */
export { RedisConnection } from '../../lib/coordination/redis/connection';
export { createRedisLocks } from '../../lib/coordination/redis/locks';
export { createRedisQueueRegister } from '../../lib/coordination/redis/queue-register';
export { createRedisQueueStore } from '../../lib/coordination/redis/queue-store';
export { createRedisSeenEvents } from '../../lib/coordination/redis/seen-events';
export { createRedisCounters } from '../../lib/monitor/redis-counters';
export { createRedisDeadLetters } from '../../lib/review/store/redis-store';
