"""The client against a gateway that misbehaves: a server of its own that answers what the test says."""

import json
import os
import sys
import threading
import types
import unittest
from http.server import BaseHTTPRequestHandler, HTTPServer

import ai_core
from ai_core import Client, Configuration
from ai_core.known_user import names_of, user_id_of


class Script:
    """Answers in order, and what was asked."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []


def serve(script):
    class Handler(BaseHTTPRequestHandler):
        def _answer(self):
            length = int(self.headers.get("content-length") or 0)
            script.asked.append((self.command, self.path, dict(self.headers.items()), self.rfile.read(length)))
            answer = script.answers.pop(0)
            if answer is None:
                # The connection breaks before there is an answer.
                self.connection.close()
                return
            status, headers, body = answer
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            for name, value in {"content-type": "application/json", **headers, "content-length": str(len(data))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = _answer

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def problem(code, status, retry="later", **headers):
    return status, {"content-type": "application/problem+json", **headers}, {"code": code, "detail": f"{code} it is", "retry": retry, "request_id": "r1"}


ANSWER = (200, {}, {"text": "hello", "provider": "openai"})


class ClientTest(unittest.TestCase):
    def client(self, *answers, timeout_s=5.0):
        self.script = Script(*answers)
        server = serve(self.script)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return Client(Configuration(f"http://127.0.0.1:{server.server_port}", "aic_test", timeout_s))

    def header(self, index, name):
        return {key.lower(): value for key, value in self.script.asked[index][2].items()}.get(name)

    def test_repeats_a_request_whose_answer_was_lost_under_the_same_idempotency_key_and_body(self):
        answer = self.client(None, ANSWER).text({"request_type": "t", "prompt": "p"})
        self.assertEqual(answer["text"], "hello")
        self.assertEqual(len(self.script.asked), 2)
        self.assertEqual(self.header(0, "idempotency-key"), self.header(1, "idempotency-key"))
        self.assertEqual(self.script.asked[0][3], self.script.asked[1][3])

    def test_repeats_what_was_refused_before_any_work_began_and_waits_as_long_as_it_is_told(self):
        client = self.client(problem("QUEUE_FULL", 429, **{"retry-after": "1"}), problem("STORE_UNAVAILABLE", 503), (502, {}, b"<html>"), ANSWER)
        self.assertEqual(client.text({"prompt": "p"})["provider"], "openai")

    def test_does_not_repeat_what_the_gateway_has_decided(self):
        for code, status, error in (
            ("BUDGET_EXCEEDED", 402, ai_core.BudgetExceeded),
            ("PROVIDER_OVERLOADED", 503, ai_core.ProviderOverloaded),
            ("REQUEST_INVALID", 400, ai_core.RequestInvalid),
        ):
            with self.subTest(code), self.assertRaises(error) as raised:
                self.client(problem(code, status)).text({"prompt": "p"})
            self.assertEqual((raised.exception.code, raised.exception.status, raised.exception.request_id), (code, status, "r1"))
            self.assertEqual(len(self.script.asked), 1)

    def test_gives_up_when_the_time_is_over(self):
        with self.assertRaises(ai_core.QueueFull) as raised:
            self.client(problem("QUEUE_FULL", 429, **{"retry-after": "60"}), timeout_s=1.0).text({"prompt": "p"})
        self.assertEqual(raised.exception.retry_after_s, 60.0)

    def test_follows_a_job_until_its_answer_is_there(self):
        pending = (202, {}, {"job_id": "j1", "state": "running", "status_url": "/v1/jobs/j1?request_id=r"})
        client = self.client(pending, pending, ANSWER)
        self.assertEqual(client.text({"prompt": "p"})["text"], "hello")
        self.assertEqual([method for method, *_ in self.script.asked], ["POST", "GET", "GET"])
        self.assertTrue(self.script.asked[1][1].startswith("/v1/jobs/j1?request_id=r&wait_s="))

    def test_names_the_job_that_goes_on_when_the_time_is_over(self):
        pending = (202, {}, {"job_id": "j1", "state": "running", "status_url": "/v1/jobs/j1?request_id=r"})
        with self.assertRaises(ai_core.ResultNotReady) as raised:
            self.client(pending).text({"prompt": "p"}, timeout_s=0.0)
        self.assertEqual(raised.exception.job_id, "j1")

    def test_follows_no_redirect_with_the_key(self):
        with self.assertRaises(ai_core.AiCoreError):
            self.client((302, {"location": "http://127.0.0.1:9/"}, b"")).text({"prompt": "p"})
        self.assertEqual(len(self.script.asked), 1)

    def test_reads_audio_from_the_body_or_from_the_address_it_is_given_without_the_key(self):
        headers = {"content-type": "audio/mpeg", "x-ai-core-provider": "elevenlabs", "x-ai-core-model": "m%201", "x-ai-core-cached": "true"}
        audio = self.client((200, headers, b"ID3")).audio({"text": "t"})
        self.assertEqual(audio, (b"ID3", "elevenlabs", "m 1", True))
        client = self.client()
        url = f"{client.configuration.url}/object"
        self.script.answers += [(200, {}, {"audio_url": url, "provider": "openai", "model": "m", "cached": False}), (200, {"content-type": "audio/mpeg"}, b"ID3")]
        self.assertEqual(client.audio({"text": "t"}).data, b"ID3")
        self.assertIsNone(self.header(1, "authorization"))

    def test_reads_training_data_as_lines_and_as_a_list(self):
        row = {"prompt": "a\u2028b", "completion": "c", "tags": []}
        self.assertEqual(self.client((200, {}, json.dumps(row).encode() + b"\n")).training_data({"verified_only": True}), [row])
        self.assertIn("verified_only=true", self.script.asked[0][1])
        self.assertEqual(self.client((200, {}, json.dumps([row], ensure_ascii=False).encode())).training_data({}), [row])

    def test_says_that_nothing_listens(self):
        with self.assertRaises(ai_core.GatewayUnreachable) as raised:
            Client(Configuration("http://127.0.0.1:9", "aic_test", 0.5)).text({"prompt": "p"})
        self.assertIn("AI_CORE_URL", str(raised.exception))
        self.assertNotIn("aic_test", repr(Configuration("http://h", "aic_test")))


class ConfigurationTest(unittest.TestCase):
    def setUp(self):
        self.kept = {name: os.environ.get(name) for name in ("AI_CORE_URL", "AI_CORE_API_KEY", "AI_CORE_TIMEOUT_S")}
        self.addCleanup(self.restore)
        for name in self.kept:
            os.environ.pop(name, None)

    def restore(self):
        ai_core.configure()
        sys.modules.pop("django.conf", None)
        for name, value in self.kept.items():
            if value is not None:
                os.environ[name] = value

    def test_is_what_was_given_else_the_settings_of_a_loaded_django_else_the_environment(self):
        with self.assertRaises(ai_core.RequestInvalid):
            ai_core.current_configuration()
        os.environ["AI_CORE_API_KEY"] = "from-environment"
        self.assertEqual(ai_core.current_configuration().api_key, "from-environment")
        self.assertEqual(ai_core.current_configuration().url, "http://127.0.0.1:4000")
        module = types.ModuleType("django.conf")
        module.settings = types.SimpleNamespace(configured=True, AI_CORE_API_KEY="from-settings", AI_CORE_URL="https://ai.example/")
        sys.modules["django.conf"] = module
        self.assertEqual(ai_core.current_configuration(), Configuration("https://ai.example", "from-settings"))
        ai_core.configure(api_key="given", timeout_s=3)
        self.assertEqual(ai_core.current_configuration(), Configuration("https://ai.example", "given", 3.0))

    def test_refuses_an_address_that_is_none(self):
        ai_core.configure(api_key="k", url="ftp://x")
        with self.assertRaises(ai_core.RequestInvalid):
            ai_core.current_configuration()


class KnownUserTest(unittest.TestCase):
    def test_takes_id_names_and_address_of_a_user(self):
        user = types.SimpleNamespace(pk=42, first_name="Ann", last_name="Lee", email="ann@example.org", get_full_name=lambda: "Ann Lee")
        self.assertEqual(user_id_of(user), "42")
        self.assertEqual(names_of(user), ["Ann Lee", "Lee Ann", "Ann", "Lee", "ann@example.org"])

    def test_takes_ids_as_they_are_and_nothing_of_nobody(self):
        self.assertEqual([user_id_of(7), user_id_of("u7"), user_id_of(None)], ["7", "u7", None])
        self.assertIsNone(user_id_of(types.SimpleNamespace(pk=1, is_authenticated=False)))
        self.assertEqual([names_of(7), names_of(None), names_of(types.SimpleNamespace(pk=1))], [[], [], []])


if __name__ == "__main__":
    unittest.main()
