import { createSocket, type Socket } from 'node:dgram'
import t from 'tap'
import { datagramDescriptorOf, tcpNative } from '../../../server/native/tcp.ts'
import { findInterface, originAddress } from '../../../server/rtp/local-address.ts'
import { MulticastTransport } from '../../../server/rtp/multicast-transport.ts'
import { setDscp } from '../../../server/rtp/transport.ts'
import { UnicastPort } from '../../../server/rtp/unicast-port.ts'
import { systemClock } from '../../../server/system-clock.ts'
import { freePortPair, joinGroup, localSocket, LOOPBACK, multicastFault } from '../../support/rtp-receivers.ts'
import { waitUntil } from '../../support/wait-until.ts'

const silent = { onRtcp: () => undefined, onDatagram: () => null }

t.test('interfaces by name and by address', async (t) => {
  const address = (text: string, family: 'IPv4' | 'IPv6', internal = false) => ({ address: text, family, internal, netmask: '', mac: '', cidr: null, ...(family === 'IPv6' ? { scopeid: 0 } : {}) }) as never
  const interfaces = { lo: [address(LOOPBACK, 'IPv4', true), address('::1', 'IPv6', true)], eth0: [address('fe80::1', 'IPv6'), address('192.0.2.2', 'IPv4'), address('2001:db8::2', 'IPv6')] }
  t.same(findInterface('eth0', 4, interfaces), { multicastAddress: '192.0.2.2', address: '192.0.2.2' })
  t.same(findInterface('192.0.2.2', 6, interfaces), { multicastAddress: '::%eth0', address: 'fe80::1' })
  t.same(findInterface('2001:db8::2', 6, interfaces), { multicastAddress: '::%eth0', address: '2001:db8::2' })
  t.equal(findInterface('eth1', 4, interfaces), undefined)
  t.equal(findInterface('192.0.2.3', 4, interfaces), undefined)
  t.equal(originAddress(null, 4, interfaces), '192.0.2.2')
  t.equal(originAddress(null, 6, interfaces), '2001:db8::2')
  t.equal(originAddress('lo', 4, interfaces), LOOPBACK)
  t.equal(originAddress(null, 4, { lo: interfaces.lo }), LOOPBACK)
})

t.test('the DiffServ code point reaches the socket', async (t) => {
  if (tcpNative?.setTrafficClass === undefined) {
    t.comment('skipped: the native part is not built')
    return
  }
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => { socket.bind(0, LOOPBACK, resolve) })
  t.teardown(() => socket.close())
  t.ok(datagramDescriptorOf(socket) >= 0)
  t.equal(setDscp(socket, 4, 46), true)
  t.equal(setDscp(socket, 6, 46), false, 'an option of IPv6 does not fit')
  t.equal(tcpNative.setTrafficClass(-1, 0, 0) < 0, true)
})

t.test('multicast goes out where it was told to, both ways of RTCP work, and a fault heals', async (t) => {
  const fault = await multicastFault()
  if (fault !== undefined) {
    t.comment(`skipped: ${fault}`)
    return
  }
  const port = await freePortPair()
  const heard: string[] = []
  const reports: string[] = []
  const options = { group: '239.255.77.9', port, ttl: 0, dscp: 46, interface: 'lo' }
  const sockets: [Socket, Socket, ...Socket[]] = await Promise.all([joinGroup(options.group, port, (datagram) => { heard.push(`rtp ${datagram.toString()}`) }), joinGroup(options.group, port + 1, (datagram) => { heard.push(`rtcp ${datagram.toString()}`) })])
  const transport = new MulticastTransport(options, systemClock, { ...silent, onRtcp: (datagram) => { reports.push(datagram.toString()) } })
  const other = new MulticastTransport(options, systemClock, silent)
  t.teardown(() => {
    transport.close()
    other.close()
    transport.close()
    for (const socket of sockets) socket.close()
  })
  t.equal(transport.fault, 'not open yet')
  transport.sendRtp(Buffer.from('too early'))
  await waitUntil('both are open, on the same ports', () => transport.fault === null && other.fault === null)
  transport.sendRtp(Buffer.from('a'))
  transport.sendRtcp(Buffer.from('b'))
  await waitUntil('they are heard', () => heard.length >= 2)
  t.same(heard.sort(), ['rtcp b', 'rtp a'])
  sockets[0].setMulticastInterface(LOOPBACK)
  sockets[0].send('report', port + 1, options.group)
  await waitUntil('a report from the group is heard', () => reports.includes('report'))
  t.equal(transport.sendErrors, 0)
  if (tcpNative?.onlyOwnGroups !== undefined) {
    // The same port, another group: joined by this process, but not by that socket.
    sockets.push(await joinGroup('239.255.77.10', port + 1, (datagram) => { heard.push(datagram.toString()) }))
    sockets[0].send('of others', port + 1, '239.255.77.10')
    sockets[0].send('own', port + 1, options.group)
    await waitUntil('both have come', () => heard.includes('of others') && reports.includes('own'))
    t.notOk(reports.includes('of others'), 'reports of another group are not heard')
  }
  const wrong = new MulticastTransport({ ...options, interface: 'nope0' }, systemClock, silent)
  t.teardown(() => { wrong.close() })
  t.match(wrong.fault, /no interface 'nope0'/)
})

t.test('IPv6: a group that no route leads to is a fault, not a crash', async (t) => {
  const transport = new MulticastTransport({ group: 'ff05::7707', port: await freePortPair(), ttl: 0, dscp: 46, interface: 'lo' }, systemClock, silent)
  t.teardown(() => { transport.close() })
  // Whether the loopback interface carries groups of IPv6 is the system's affair; either way it can be sent to.
  await waitUntil('it is open, or says why not', () => transport.fault !== 'not open yet')
  if (transport.fault !== null) t.match(transport.fault, /connect|bind|interface|addMembership|setMulticast|EINVAL|ENODEV/)
  transport.sendRtp(Buffer.from('x'))
  transport.sendRtcp(Buffer.from('x'))
  t.pass('nothing was thrown')
})

t.test('the unicast port answers only those whom an output names', async (t) => {
  const [port, receiverPort, strangerPort] = [await freePortPair(), await freePortPair(), await freePortPair()]
  const got: string[] = []
  const sockets = await Promise.all([receiverPort, receiverPort + 1, strangerPort].map((one) => localSocket(one, (datagram, from) => { got.push(`${String(one - receiverPort)} ${String(from - port)} ${datagram.toString()}`) })))
  const [receiver, receiverRtcp, stranger] = sockets
  const unicast = new UnicastPort(LOOPBACK, port, systemClock)
  t.teardown(() => {
    unicast.close()
    for (const socket of sockets) socket.close()
  })
  const reports: string[] = []
  const transport = unicast.transport(LOOPBACK, receiverPort, 46, { onRtcp: (datagram) => { reports.push(datagram.toString()) }, onDatagram: (datagram) => Buffer.from(`answer to ${datagram.toString()}`) })
  await waitUntil('the port is open', () => transport.fault === null)
  stranger!.send('who am I', port, LOOPBACK)
  stranger!.send('who am I', port + 1, LOOPBACK)
  await waitUntil('two datagrams of strangers', () => unicast.strangers === 2)
  receiver!.send('hello', port, LOOPBACK)
  receiverRtcp!.send('report', port + 1, LOOPBACK)
  transport.sendRtp(Buffer.from('rtp'))
  transport.sendRtcp(Buffer.from('rtcp'))
  await waitUntil('everything has come', () => got.length === 3 && reports.length === 1)
  t.same(got.sort(), ['0 0 answer to hello', '0 0 rtp', '1 1 rtcp'], 'from the port and the one above it; the stranger got nothing')
  transport.close()
  transport.close()
  t.not(transport.fault, null)
  const again = unicast.transport(LOOPBACK, receiverPort, 0, silent)
  await waitUntil('it is opened again for the next output', () => again.fault === null)
})
