import { Command } from 'commander';
const program = new Command('notes').version('1.0.0');
program.command('seed').option('-n, --number <n>', 'how many', '2').action(async (options) => {
  const { NestFactory } = await import('@nestjs/core');
  const { AppModule } = await import('./app.module');
  const { NotesService } = await import('./notes');
  const context = await NestFactory.createApplicationContext(AppModule, { logger: ['error'] });
  const service = context.get(NotesService);
  for (let n = 0; n < Number(options.number); n++) await service.notes.save({ text: `seed ${n}` });
  console.log(`seeded ${await service.notes.count()}`);
  await context.close();
});
program.command('hash <word>').action((word) => { const bcrypt = require('bcryptjs'); console.log(bcrypt.compareSync(word, bcrypt.hashSync(word, 4))); });
program.parseAsync();
