import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';

@WebSocketGateway()
export class ChatGateway {
  @SubscribeMessage('say') say(_: unknown, text: string) { return { event: 'said', data: `said ${text}` }; }
}
