"""The functions of the guide against a running gateway: AI_CORE_URL and AI_CORE_API_KEY say which."""

import os
import unittest
import uuid
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import ai_core
from ai_core.errors import ERRORS_BY_CODE
from ai_core.services import export_training_data, generate_audio, generate_text

USER = SimpleNamespace(
    pk=42, is_authenticated=True, first_name="Hanako", last_name="Yamada", email="hanako@example.org", get_full_name=lambda: "Hanako Yamada"
)


@unittest.skipUnless(os.environ.get("AI_CORE_API_KEY"), "needs a gateway: npm test -- python-client")
class GatewayTest(unittest.TestCase):
    def test_auto_mode_as_the_guide_prints_it(self):
        request = SimpleNamespace(user=USER)
        script, provider = generate_text(
            request_type='podcast_script',
            prompt="Create a podcast about JLPT N5 grammar...",
            options={'language': 'ja', 'difficulty': 'easy'},
            selection_mode='auto',
            user=request.user,
            endpoint='dailycast.services.create_podcast'
        )
        self.assertGreater(len(script), 0)
        self.assertIn(provider, ("openai", "claude", "gemini"))

    def test_manual_mode_as_the_guide_prints_it(self):
        request = SimpleNamespace(user=USER)
        script, provider = generate_text(
            request_type='lesson_script',
            prompt="Explain quantum physics...",
            provider='openai',
            model='gpt-4o',
            selection_mode='manual',
            user=request.user
        )
        self.assertGreater(len(script), 0)
        self.assertEqual(provider, "openai")

    def test_a_prompt_alone_as_in_the_guides_shell(self):
        result, provider = generate_text(request_type='test', prompt='Hello AI!', selection_mode='auto')
        self.assertTrue(result and provider)

    def test_audio_in_auto_mode_as_the_guide_prints_it(self):
        request = SimpleNamespace(user=USER)
        audio_bytes, provider = generate_audio(
            text="Welcome to JLPT lesson 5...",
            language='ja',
            selection_mode='auto',
            user=request.user
        )
        self.assertGreater(len(audio_bytes), 1_000)
        self.assertEqual(provider, "elevenlabs")
        again, _ = generate_audio(text="Welcome to JLPT lesson 5...", language="ja")
        self.assertEqual(again, audio_bytes)

    def test_audio_in_manual_mode_as_the_guide_prints_it(self):
        audio_bytes, provider = generate_audio(
            text="Hello world",
            language='en',
            provider='elevenlabs',
            voice_id='Lily',
            selection_mode='manual'
        )
        self.assertGreater(len(audio_bytes), 1_000)
        self.assertEqual(provider, "elevenlabs")

    def test_audio_of_a_text_with_a_name_in_it_is_given_to_its_caller(self):
        audio_bytes, _ = generate_audio(text="Good morning, Hanako Yamada!", language="en", user=USER)
        self.assertGreater(len(audio_bytes), 1_000)

    def test_audio_that_is_not_ready_at_once_is_followed(self):
        answer = ai_core.Client().audio({"text": f"A sentence of its own {uuid.uuid4()}", "language": "en", "wait_s": 0})
        self.assertGreater(len(answer.data), 1_000)

    def test_training_data_as_the_guide_prints_it(self):
        # Export all verified, high-quality examples
        dataset = export_training_data(
            min_rating=4.0,
            verified_only=True
        )
        self.assertGreater(len(dataset), 0)
        for example in dataset:
            self.assertEqual(sorted(example), ["completion", "prompt", "tags"])
            self.assertIn("verified example", example["prompt"].lower())
        messages = export_training_data(format="openai-chat")
        self.assertEqual(len(messages), len(dataset))
        self.assertIn("messages", messages[0])

    def test_the_same_again_comes_from_memory(self):
        request = {"request_type": "summary", "prompt": f"Explain photosynthesis {uuid.uuid4()}", "user_id": "7"}
        client = ai_core.Client()
        first, second = client.text(request), client.text(request)
        self.assertEqual((first["cached"], second["cached"], second["cost_usd"]), (False, True, "0"))
        self.assertEqual(first["text"], second["text"])

    def test_names_and_addresses_of_the_user_come_back_although_they_never_left(self):
        text, _ = generate_text(
            request_type="summary", prompt="Repeat exactly: Dear Hanako Yamada, hanako@example.org, learn photosynthesis", cache="bypass", user=USER
        )
        self.assertIn("Hanako Yamada, hanako@example.org", text)

    def test_threads_may_ask_at_the_same_time(self):
        with ThreadPoolExecutor(8) as threads:
            prompts = [f"Count to {index}" for index in range(16)]
            answers = list(threads.map(lambda prompt: generate_text("summary", prompt), prompts))
        self.assertEqual(len(answers), 16)

    def test_failures_are_exceptions_of_their_code(self):
        with self.assertRaises(ai_core.RequestInvalid) as raised:
            generate_text("summary", "")
        self.assertEqual((raised.exception.status, raised.exception.retry), (400, "never"))
        self.assertIsNotNone(raised.exception.request_id)
        with self.assertRaises(ai_core.ModelUnknown):
            generate_text("summary", "Hello", provider="openai", model="no-such-model")
        wrong = ai_core.Client(ai_core.Configuration(os.environ["AI_CORE_URL"], "aic_wrong"))
        with self.assertRaises(ai_core.Unauthenticated):
            wrong.text({"request_type": "summary", "prompt": "Hello"})

    def test_a_request_that_takes_longer_than_its_time_names_its_job_and_asked_again_has_its_answer(self):
        prompt = f"Explain the moon {uuid.uuid4()}"
        try:
            generate_text("summary", prompt, timeout_s=0.0)
        except ai_core.ResultNotReady as error:
            self.assertIsNotNone(error.job_id)
        text, _ = generate_text("summary", prompt)
        self.assertGreater(len(text), 0)

    def test_there_is_an_exception_for_every_code_of_the_gateway(self):
        codes = [code for code in os.environ.get("AI_CORE_TEST_ERROR_CODES", "").split(",") if code]
        self.assertEqual(sorted(ERRORS_BY_CODE), sorted(codes or ERRORS_BY_CODE))


if __name__ == "__main__":
    unittest.main()
