/** The frame bus on Unix sockets, both ends. */
export { listenFrameBus, type FrameBusServer } from './frame-bus-publisher.ts'
export { connectFrameBus, type FrameBusClient } from './frame-bus-subscriber.ts'
