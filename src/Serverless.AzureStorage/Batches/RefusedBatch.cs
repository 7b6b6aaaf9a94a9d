using System.Diagnostics.CodeAnalysis;
using Azure;
using Azure.Core;

namespace Serverless.AzureStorage.Batches;

/// <summary>A refusal that was inside the answer to a batch, as an answer of its own: a part of an answer does not say of itself that it is an error.</summary>
internal sealed class RefusedBatch(Response refusal) : Response
{
    public override int Status => refusal.Status;

    public override string ReasonPhrase => refusal.ReasonPhrase;

    public override Stream? ContentStream
    {
        get => refusal.ContentStream;
        set => refusal.ContentStream = value;
    }

    public override string ClientRequestId
    {
        get => refusal.ClientRequestId;
        set => refusal.ClientRequestId = value;
    }

    public override bool IsError => true;

    public override void Dispose() => refusal.Dispose();

    protected override bool TryGetHeader(string name, [NotNullWhen(true)] out string? value) => refusal.Headers.TryGetValue(name, out value);

    protected override bool TryGetHeaderValues(string name, [NotNullWhen(true)] out IEnumerable<string>? values) => refusal.Headers.TryGetValues(name, out values);

    protected override bool ContainsHeader(string name) => refusal.Headers.Contains(name);

    protected override IEnumerable<HttpHeader> EnumerateHeaders() => refusal.Headers;
}
