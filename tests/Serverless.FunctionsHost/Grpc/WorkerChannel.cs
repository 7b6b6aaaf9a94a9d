using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace Serverless.FunctionsHost.Grpc;

/// <summary>The conversation with one worker: questions with one answer each, invocations, and what the worker logs in between.</summary>
internal sealed class WorkerChannel : IDisposable
{
    private readonly Action<string> _log;
    private readonly Channel<JsonObject> _outgoing = Channel.CreateUnbounded<JsonObject>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ConcurrentDictionary<string, PendingInvocation> _pending = new();
    private readonly CancellationTokenSource _gone = new();
    private volatile Question? _question;

    /// <param name="log">Gets what the worker logs.</param>
    public WorkerChannel(Action<string> log) => (_log, Gone) = (log, _gone.Token);

    /// <summary>Is cancelled when the stream has ended, by whatever cause.</summary>
    public CancellationToken Gone { get; }

    /// <summary>Sends a request and waits for the answer to it. Only one question is open at a time.</summary>
    /// <exception cref="OperationCanceledException">The worker is gone.</exception>
    public async Task<JsonObject> AskAsync(string request, JsonObject content, string response)
    {
        var question = _question = new Question(response, new TaskCompletionSource<JsonObject>(TaskCreationOptions.RunContinuationsAsynchronously));
        Send(request, content);
        return await question.Answer.Task.WaitAsync(Gone);
    }

    /// <summary>Sends an invocation; ends when the worker says that it has, or is gone.</summary>
    public Task<InvocationResult> InvokeAsync(string invocationId, JsonObject request)
    {
        var pending = _pending[invocationId] = new PendingInvocation();
        request["invocationId"] = invocationId;
        Send("invocationRequest", request);
        // It may have gone before the invocation was there to be ended with it.
        if (Gone.IsCancellationRequested) FailPending();
        return pending.Result;
    }

    /// <summary>Cancels the token of an invocation; whether the function minds is its own matter.</summary>
    public void Cancel(string invocationId) => Send("invocationCancel", new JsonObject { ["invocationId"] = invocationId });

    /// <summary>Tells the worker to end by itself within that time.</summary>
    public void Terminate(TimeSpan gracePeriod) => Send("workerTerminate", new JsonObject { ["gracePeriod"] = $"{(int)gracePeriod.TotalSeconds}s" });

    /// <summary>Carries messages both ways until the worker ends the stream or its connection breaks.</summary>
    public async Task RunAsync(IAsyncEnumerator<byte[]> incoming, Func<byte[], ValueTask> writeAsync)
    {
        var writing = WriteAllAsync(writeAsync);
        try
        {
            while (await incoming.MoveNextAsync()) Take(WorkerMessages.Read(incoming.Current));
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // A worker that dies says no more than that.
        }
        finally
        {
            _outgoing.Writer.Complete();
            await _gone.CancelAsync();
            FailPending();
            await writing;
        }
    }

    public void Dispose() => _gone.Dispose();

    private async Task WriteAllAsync(Func<byte[], ValueTask> writeAsync)
    {
        try
        {
            await foreach (var message in _outgoing.Reader.ReadAllAsync()) await writeAsync(WorkerMessages.Write(message));
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The reading side sees the same and ends the conversation.
        }
    }

    private void Send(string name, JsonObject content) => _outgoing.Writer.TryWrite(new JsonObject { ["requestId"] = Guid.NewGuid().ToString(), [name] = content });

    private void Take(JsonObject message)
    {
        if (message["rpcLog"] is JsonObject line) TakeLog(line);
        else if (message["invocationResponse"] is JsonObject response) TakeResponse(response);
        else if (_question is { } question && message[question.Response] is JsonObject answer) question.Answer.TrySetResult(answer);
    }

    private void TakeLog(JsonObject line)
    {
        var text = line["message"]!.GetValue<string>();
        if (line["exception"]?["message"]?.GetValue<string>() is { Length: > 0 } exception) text = $"{text} {exception}";
        if (_pending.TryGetValue(line["invocationId"]!.GetValue<string>(), out var invocation)) invocation.Log(text);
        _log($"{line["level"]}: {line["category"]}: {text}");
    }

    private void TakeResponse(JsonObject response)
    {
        if (!_pending.TryRemove(response["invocationId"]!.GetValue<string>(), out var invocation)) return;
        var result = response["result"]!;
        var status = result["status"]!.GetValue<string>();
        invocation.End(status == "Success" ? null : result["exception"]?["message"]?.GetValue<string>() ?? status);
    }

    private void FailPending()
    {
        foreach (var id in _pending.Keys)
        {
            if (_pending.TryRemove(id, out var invocation)) invocation.End("The worker is gone.");
        }
    }

    private sealed record Question(string Response, TaskCompletionSource<JsonObject> Answer);
}
