import { All, BadRequestException, Controller, Get, HttpException, Param, Post, Query, Req, Res, Sse, StreamableFile, UploadedFile, UseInterceptors, MessageEvent } from '@nestjs/common';
import { FileInterceptor } from '@nestjs/platform-express';
import { Observable, interval, map, take } from 'rxjs';
import { Worker } from 'worker_threads';
import { join } from 'path';

const works: Record<string, (query: any) => Promise<any>> = {
  async image(query) {
    const sharp = (await import('sharp')).default;
    const out = await sharp({ create: { width: 20, height: 10, channels: 3, background: '#f00' } }).resize(10).toFormat(query.as).toBuffer();
    return (await sharp(out).metadata()).format;
  },
  async caption() {
    const sharp = (await import('sharp')).default;
    const svg = Buffer.from('<svg width="60" height="20" xmlns="http://www.w3.org/2000/svg"><text x="2" y="15" font-family="DejaVu Sans">hello</text></svg>');
    const { data } = await sharp(svg).raw().toBuffer({ resolveWithObject: true });
    return data.some((byte) => byte > 0) ? 'drawn' : 'empty';
  },
  async pdf() {
    const PDF = require('pdfkit');
    const chunks: Buffer[] = [];
    const document = new PDF();
    document.on('data', (chunk: Buffer) => chunks.push(chunk));
    const done = new Promise((resolve) => document.on('end', resolve));
    document.font('Times-Roman').text('hello'); document.font('Courier-Bold').text('again'); document.end();
    await done;
    return Buffer.concat(chunks).subarray(0, 5).toString();
  },
  async sheet() {
    const excel = await import('exceljs');
    const book = new excel.Workbook();
    book.addWorksheet('a').addRow([1, 'two', new Date(0)]);
    const again = new excel.Workbook();
    await again.xlsx.load((await book.xlsx.writeBuffer()) as any);
    return again.worksheets[0].getCell('B1').value;
  },
  async tokens(query) {
    const { get_encoding } = await import('tiktoken');
    return [...get_encoding(query.encoding ?? 'cl100k_base').encode('hello tokens')].length;
  },
  async split() {
    const { RecursiveCharacterTextSplitter } = await import('@langchain/textsplitters');
    const parts = await new RecursiveCharacterTextSplitter({ chunkSize: 20, chunkOverlap: 2 }).createDocuments(['one two three four five six seven eight nine ten']);
    return parts.length;
  },
  async prompt() {
    const { ChatPromptTemplate } = await import('@langchain/core/prompts');
    const { FakeListChatModel } = await import('@langchain/core/utils/testing');
    const { StringOutputParser } = await import('@langchain/core/output_parsers');
    return ChatPromptTemplate.fromTemplate('say {what}').pipe(new FakeListChatModel({ responses: ['an answer'] })).pipe(new StringOutputParser()).invoke({ what: 'x' });
  },
  async openai() {
    const { OpenAI } = await import('openai');
    try { await new OpenAI({ apiKey: 'x', baseURL: 'http://127.0.0.1:9/v1', maxRetries: 0 }).chat.completions.create({ model: 'm', messages: [] }); } catch (error) { return error.constructor.name; }
  },
  async mail() {
    const transport = (await import('nodemailer')).createTransport({ streamTransport: true, buffer: true });
    const sent: any = await transport.sendMail({ from: 'a@example.org', to: 'b@example.org', subject: 'grüße', text: 'hello', attachments: [{ filename: 'a.txt', content: 'x' }] });
    return sent.message.toString().includes('multipart/mixed');
  },
  async languages(query) {
    const i18next = (await import('i18next')).default;
    const Backend = (await import('i18next-fs-backend')).default;
    await i18next.use(Backend).init({ lng: query.lang, fallbackLng: 'en', backend: { loadPath: join(__dirname, '..', 'i18n', '{{lng}}.json') }, initImmediate: false });
    return i18next.t('greeting');
  },
  async dom() {
    const { JSDOM } = await import('jsdom');
    return new JSDOM('<p>hello <b>there</b></p>').window.document.querySelector('b').textContent;
  },
  async worker() {
    return new Promise((resolve, reject) => { const worker = new Worker(join(__dirname, 'sum.worker.js'), { workerData: [1, 2, 3] }); worker.on('message', resolve); worker.on('error', reject); });
  },
  async pretty() {
    const pino = require('pino');
    const logger = pino({ transport: { target: 'pino-pretty', options: { destination: '/tmp/pretty.log', colorize: false } } });
    logger.info('pretty hello');
    await new Promise((resolve) => setTimeout(resolve, 1500));
    return require('fs').readFileSync('/tmp/pretty.log', 'utf8');
  },
  async metrics() {
    const client = await import('prom-client');
    client.collectDefaultMetrics();
    return client.register.metrics();
  },
  async token() {
    const jwt = require('jsonwebtoken');
    const { privateKey, publicKey } = require('crypto').generateKeyPairSync('rsa', { modulusLength: 2048 });
    return jwt.verify(jwt.sign({ a: 1 }, privateKey, { algorithm: 'PS256' }), publicKey).a;
  },
  async zip() {
    const archiver = require('archiver');
    const zip = archiver('zip'); const chunks: Buffer[] = [];
    zip.on('data', (chunk: Buffer) => chunks.push(chunk)); zip.append('x', { name: 'a.txt' }); await zip.finalize();
    return Buffer.concat(chunks).subarray(0, 2).toString();
  },
  async csv() { return require('csv-parse/sync').parse('a,b\n1,2', { columns: true }); },
  async yaml() { return require('yaml').parse('a: &x [1, 2]\nb: *x'); },
  async graphql() { const { graphql, buildSchema } = await import('graphql'); return graphql({ schema: buildSchema('type Query { a: Int }'), source: '{ a }', rootValue: { a: 1 } }); },
  async dates(query) { return new Intl.DateTimeFormat(query.lang, { dateStyle: 'full', timeZone: 'Asia/Kathmandu' }).format(new Date(0)); },
  async module() { return (await import('./late/' + 'extra.js')).extra(); },
  async winston() { const { createLogger, transports, format } = require('winston'); createLogger({ format: format.json(), transports: [new transports.File({ filename: '/tmp/w.log' })] }).info('x'); return 'logged'; },
};

@Controller('job')
export class WorkController {
  @Get('stream') stream(@Res() response: any) { response.setHeader('Content-Type', 'text/plain'); response.write('one '); setTimeout(() => response.end('two'), 100); }
  @Sse('events') events(): Observable<MessageEvent> { return interval(50).pipe(take(3), map((n) => ({ data: { n } }))); }
  @Get('teapot') teapot() { throw new HttpException('short and stout', 418); }
  @Get('crash') crash() { throw new Error('unexpected'); }
  @Get('file') file() { return new StreamableFile(Buffer.from('streamed')); }
  @Post('upload') @UseInterceptors(FileInterceptor('file')) upload(@UploadedFile() file: Express.Multer.File) { if (!file) throw new BadRequestException('no file'); return { name: file.originalname, size: file.size }; }
  @Get('do/:what') async do(@Param('what') what: string, @Query() query: any) {
    if (!works[what]) throw new BadRequestException(`no work ${what}`);
    return { result: await works[what](query) };
  }
}
