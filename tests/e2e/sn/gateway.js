#!/usr/bin/env node
// SPDX-License-Identifier: GPL-2.0-or-later
// Copyright (C) 2026 atmqtt contributors
//
// The UDP side of mqttsngw, a gateway that others wrote: datagrams to its bus
// and back.  gateway.js PORT BROKER-URL
'use strict';
const dgram = require('dgram');
const { EventEmitter2 } = require('eventemitter2');

const [port, url] = process.argv.slice(2);
const KINDS = ['normal', 'pre-defined topic', 'short topic'];
const CODES = ['Accepted', 'Rejected: congestion',
	'Rejected: invalid topic ID', 'Rejected: not supported'];

const flags = (f) => ({ qos: (f >> 5) & 3, retain: !!(f & 16), will: !!(f & 8),
	cleanSession: !!(f & 4), topicIdType: KINDS[f & 3] });
const topicId = (b, kind) =>
	kind === KINDS[2] ? b.toString('latin1', 0, 2) : b.readUInt16BE(0);
const ack = (b) => ({ topicId: b.readUInt16BE(0), msgId: b.readUInt16BE(2),
	returnCode: CODES[b[4]] });
const topic = (b) => ({ ...flags(b[0]), msgId: b.readUInt16BE(1),
	topicName: b.toString('utf8', 3) });

const DECODE = {
	0x04: ['connect', (b) => ({ ...flags(b[0]), duration: b.readUInt16BE(2),
		clientId: b.toString('utf8', 4) })],
	0x0a: ['register', (b) => ({ msgId: b.readUInt16BE(2),
		topicName: b.toString('utf8', 4) })],
	0x0b: ['regack', ack],
	0x0c: ['publish', (b) => ({ ...flags(b[0]), msgId: b.readUInt16BE(3),
		topicId: topicId(b.subarray(1), KINDS[b[0] & 3]),
		payload: b.subarray(5) })],
	0x0d: ['puback', ack],
	0x12: ['subscribe', topic],
	0x14: ['unsubscribe', topic],
	0x16: ['pingreq', () => ({})],
	0x18: ['disconnect', (b) => b.length ?
		{ duration: b.readUInt16BE(0) } : {}],
};

const word = (n) => [(n >> 8) & 255, n & 255];
const id = (c) => typeof c.topicId === 'string' ?
	Buffer.from(c.topicId.padEnd(2), 'latin1') : word(c.topicId || 0);
const code = (c) => [CODES.indexOf(c.returnCode)];
const ENCODE = {
	connack: (c) => [0x05, code(c)],
	register: (c) => [0x0a, id(c), word(c.msgId), Buffer.from(c.topicName)],
	regack: (c) => [0x0b, id(c), word(c.msgId), code(c)],
	publish: (c) => [0x0c, [(c.qos << 5) | KINDS.indexOf(c.topicIdType)],
		id(c), word(c.qos ? c.msgId : 0), c.payload],
	puback: (c) => [0x0d, id(c), word(c.msgId), code(c)],
	suback: (c) => [0x13, [0], id(c), word(c.msgId), code(c)],
	unsuback: (c) => [0x15, word(c.msgId)],
	pingresp: () => [0x17],
	disconnect: () => [0x18],
};

function decode(data) {
	const long = data[0] === 1;
	const head = long ? 3 : 1;
	const [cmd, fields] = DECODE[data[head]] || [];
	const length = long ? data.readUInt16BE(1) : data[0];
	if (!cmd || length !== data.length)
		return null;
	return { cmd, ...fields(data.subarray(head + 1)) };
}

function encode(packet) {
	const [type, ...parts] = ENCODE[packet.cmd](packet);
	const body = Buffer.concat([[type], ...parts].map((p) => Buffer.from(p)));
	const total = body.length + 1;
	return Buffer.concat([Buffer.from(total < 256 ? [total] :
		[1, ...word(total + 2)]), body]);
}

const bus = new EventEmitter2({ wildcard: true, delimiter: ',',
	maxListeners: 0 });
const socket = dgram.createSocket('udp4');
socket.on('message', (data, from) => {
	const packet = decode(data);
	const clientKey = `${from.address}_${from.port}`;
	if (packet)
		bus.emit(['snUnicastIngress', clientKey, packet.cmd],
			{ clientKey, ...packet });
});
bus.on(['snUnicastOutgress', '*', '*'], (packet) => {
	const [address, to] = packet.clientKey.split('_');
	socket.send(encode(packet), Number(to), address);
});

Promise.all([
	require('mqttsngw-core')({ log: {} })(bus),
	require('mqttsngw-mqttbroker')({ log: {},
		broker: () => ({ url, reconnectPeriod: 0 }) })(bus),
]).then((starts) => {
	starts.forEach((start) => start());
	socket.bind(Number(port), '127.0.0.1', () => console.log('ready'));
});
