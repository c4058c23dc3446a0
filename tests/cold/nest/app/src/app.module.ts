import { Module } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { ScheduleModule } from '@nestjs/schedule';
import { ServeStaticModule } from '@nestjs/serve-static';
import { TypeOrmModule } from '@nestjs/typeorm';
import { join } from 'path';
import { Note, NotesController, NotesService } from './notes';
import { WorkController } from './work';
import { ChatGateway } from './chat';

@Module({
  imports: [
    ConfigModule.forRoot({ isGlobal: true }),
    ScheduleModule.forRoot(),
    ServeStaticModule.forRoot({ rootPath: join(__dirname, '..', 'public'), serveRoot: '/static' }),
    TypeOrmModule.forRoot({ type: 'better-sqlite3', database: process.env.DATABASE ?? ':memory:', entities: [Note], synchronize: true }),
    TypeOrmModule.forFeature([Note]),
  ],
  controllers: [NotesController, WorkController],
  providers: [NotesService, ChatGateway],
})
export class AppModule {}
