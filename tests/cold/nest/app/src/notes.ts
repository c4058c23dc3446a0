import { Body, Controller, Delete, Get, Injectable, NotFoundException, Param, ParseIntPipe, Post, Query, Render } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { InjectRepository } from '@nestjs/typeorm';
import { Type } from 'class-transformer';
import { IsEmail, IsInt, IsOptional, IsString, Length, Max, Min } from 'class-validator';
import { Column, CreateDateColumn, Entity, Like, PrimaryGeneratedColumn, Repository } from 'typeorm';

@Entity()
export class Note {
  @PrimaryGeneratedColumn() id: number;
  @Column() text: string;
  @Column({ nullable: true }) mail?: string;
  @CreateDateColumn() at: Date;
}

export class NewNote {
  @ApiProperty() @IsString() @Length(1, 20) text: string;
  @ApiProperty({ required: false }) @IsOptional() @IsEmail() mail?: string;
}

export class Search {
  @IsOptional() @IsString() q?: string;
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(50) limit?: number;
}

@Injectable()
export class NotesService {
  constructor(@InjectRepository(Note) readonly notes: Repository<Note>) {}
  find(search: Search) {
    return this.notes.find({ where: { text: Like(`%${search.q ?? ''}%`) }, take: search.limit ?? 10, order: { id: 'DESC' } });
  }
}

@Controller()
export class NotesController {
  constructor(private readonly service: NotesService) {}
  @Get('health') health() { return { ok: true }; }
  @Get('notes') list(@Query() search: Search) { return this.service.find(search); }
  @Post('notes') add(@Body() note: NewNote) { return this.service.notes.save(note); }
  @Get('notes/:id') async one(@Param('id', ParseIntPipe) id: number) {
    const note = await this.service.notes.findOneBy({ id });
    if (!note) throw new NotFoundException(`no note ${id}`);
    return note;
  }
  @Delete('notes/:id') remove(@Param('id', ParseIntPipe) id: number) { return this.service.notes.delete(id); }
  @Get('transaction') async transaction() {
    try {
      await this.service.notes.manager.transaction(async (manager) => { await manager.save(Note, { text: 'x' }); throw new Error('undone'); });
    } catch (error) { return { error: error.message, count: await this.service.notes.createQueryBuilder('n').where('n.text = :t', { t: 'x' }).getCount() }; }
  }
  @Get('view') @Render('notes') async view() { return { title: 'notes', notes: await this.service.find({}) }; }
}
