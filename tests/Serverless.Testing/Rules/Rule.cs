namespace Serverless.Testing.Rules;

/// <summary>A sentence of the protocol: a request and what is answered to it. <c>{words}</c> stand for what <see cref="RuleWords"/> knows.</summary>
/// <param name="Sentence">The rule.</param>
/// <param name="Request">Method and target.</param>
/// <param name="Status">The status that is answered.</param>
/// <param name="Code">The code in the error body; null where there is no error body.</param>
public sealed record Rule(string Sentence, string Request, int Status, string? Code = null)
{
    /// <summary>Headers of the request, as <c>Name: value</c>.</summary>
    public string[] With { get; init; } = [];

    /// <summary>The body of the request; null sends none.</summary>
    public string? Sends { get; init; }

    /// <summary>Settings below <c>Registry:</c> of the registry that is asked, as <c>Key=value</c>.</summary>
    public string[] Under { get; init; } = [];

    /// <summary>Headers of the answer, as <c>Name: value</c>; a star at the end stands for anything.</summary>
    public string[] Says { get; init; } = [];

    /// <summary>Headers that the answer does not have.</summary>
    public string[] Lacks { get; init; } = [];

    /// <summary>The body of the answer; null leaves it open.</summary>
    public string? Body { get; init; }

    /// <summary>The body of the answer as JSON, however it is written; null leaves it open.</summary>
    public string? Json { get; init; }

    /// <summary>Texts in the body of the answer.</summary>
    public string[] Mentions { get; init; } = [];

    /// <summary>How many errors the body has.</summary>
    public int Errors { get; init; } = 1;

    /// <summary>Whether something may be stored by it: it then gets a repository of its own, with the same content as the others.</summary>
    public bool Changes => Status is 201 or 202 or 204 && !Request.StartsWith("GET ", StringComparison.Ordinal);

    /// <summary>The rule where storage has no address to which a client could be sent: the registry serves what is asked for.</summary>
    public Rule WithoutAddresses()
    {
        if (Status != 307) return this;
        // The one range that rules send to storage.
        var isRange = With.Contains("Range: bytes=4-8");
        return this with
        {
            Status = isRange ? 206 : 200,
            Says = ["Docker-Content-Digest: {layer}", "Accept-Ranges: bytes", .. isRange ? (string[])["Content-Range: bytes 4-8/20"] : []],
            Lacks = [.. Lacks, "Location"],
            Body = isRange ? "bytes" : "{layer.bytes}",
        };
    }
}
