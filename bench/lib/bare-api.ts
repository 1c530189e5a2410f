import { createServer } from 'node:http'

/** Answers every request at once with nothing in it: what the request generator alone does to a machine. Usage: node bare-api.ts PORT */
createServer((request, response) => {
  request.resume().on('end', () => { response.writeHead(200, { 'content-type': 'application/json' }).end('{}') })
}).listen({ port: Number(process.argv[2]), host: '127.0.0.1' }, () => {
  console.log('listening')
})
