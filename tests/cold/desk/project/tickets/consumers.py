"""A room of a chat."""

from channels.generic.websocket import AsyncJsonWebsocketConsumer


class Chat(AsyncJsonWebsocketConsumer):
    async def connect(self) -> None:
        self.room = "room-" + self.scope["url_route"]["kwargs"]["room"]
        await self.channel_layer.group_add(self.room, self.channel_name)
        await self.accept()

    async def receive_json(self, content, **kwargs) -> None:
        await self.channel_layer.group_send(self.room, {"type": "said", "text": content["text"]})

    async def said(self, event) -> None:
        await self.send_json({"said": event["text"]})

    async def disconnect(self, code) -> None:
        await self.channel_layer.group_discard(self.room, self.channel_name)
