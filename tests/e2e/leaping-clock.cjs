// Lets the clock of a Node.js process leap: loaded by NODE_OPTIONS=--require, each SIGUSR2 takes it two days ahead. With storage's clock ages of rows pass, which storage alone tells.
let ahead = 0;
process.on('SIGUSR2', () => { ahead += 2 * 24 * 60 * 60 * 1000; });
const real = Date;
globalThis.Date = class Date extends real {
  constructor(...args) {
    if (args.length > 0) super(...args);
    else super(real.now() + ahead);
  }

  static now() {
    return real.now() + ahead;
  }
};

// The Date header that Node.js adds to an answer of its own accord is told by a clock that it took before this one was put in place.
const { ServerResponse } = require('http');
const writeHead = ServerResponse.prototype.writeHead;
ServerResponse.prototype.writeHead = function (...args) {
  if (!this.headersSent && !this.hasHeader('date')) this.setHeader('Date', new Date().toUTCString());
  return writeHead.apply(this, args);
};
