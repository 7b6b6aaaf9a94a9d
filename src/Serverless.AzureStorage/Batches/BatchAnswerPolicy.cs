using Azure;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Serverless.AzureStorage.Batches;

/// <summary>
/// Looks into the answers to batches. When a table is too busy the batch itself is answered 202, and the refusal (408, 429 or 5xx) is inside, where the retry
/// policy does not see it (azure-sdk-for-net issue 46845). Such a refusal takes the place of the answer, so that it is retried like any other.
/// </summary>
internal sealed class BatchAnswerPolicy : HttpPipelinePolicy
{
    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        await ProcessNextAsync(message, pipeline);
        if (IsBatch(message) && MayHaveFailed(message.Response) && await FindRefusalAsync(message) is { } refusal)
        {
            var answer = message.Response;
            message.Response = new RefusedBatch(refusal);
            answer.Dispose();
        }
    }

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => throw new NotSupportedException("The stores call asynchronously.");

    private static bool IsBatch(HttpMessage message) =>
        message.Response.Status == 202 && message.Response.ContentStream is { CanSeek: true } && message.Request.Uri.Path.EndsWith("$batch", StringComparison.Ordinal);

    // Nearly all batches are applied, and need not be read twice.
    private static bool MayHaveFailed(Response answer)
    {
        var body = answer.Content.ToMemory().Span;
        return body.IndexOf("HTTP/1.1 4"u8) >= 0 || body.IndexOf("HTTP/1.1 5"u8) >= 0;
    }

    private static async Task<Response?> FindRefusalAsync(HttpMessage message)
    {
        var parts = await MultipartResponse.ParseAsync(message.Response, expectCrLf: false, message.CancellationToken);
        message.Response.ContentStream!.Position = 0;
        return parts.FirstOrDefault(static part => part.Status is 408 or 429 or >= 500);
    }
}
