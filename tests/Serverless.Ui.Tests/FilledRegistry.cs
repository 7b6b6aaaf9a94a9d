using Serverless.Registry.Oci;

namespace Serverless.Ui.Tests;

/// <summary>
/// 500 repositories: <c>team/app</c> with what the views are looked at by, <c>team/kinds</c> with something of every kind, and 498 with an image each, of which <c>team</c> has a fifth.
/// </summary>
internal static class FilledRegistry
{
    public const int Count = 500;

    private static readonly string[] s_namespaces = ["team", "tools", "users", "video", "web"];
    private static readonly string[] s_things =
    [
        "billing", "cart", "catalog", "checkout", "customer", "delivery", "export", "fraud", "gateway", "identity", "invoice", "ledger", "mail", "metrics", "notifications",
        "orders", "payment", "pricing", "recommendations", "reports", "returns", "search", "stock", "tax", "warehouse",
    ];
    private static readonly string[] s_parts = ["api", "jobs", "proxy", "ui"];

    /// <summary>All names, in ASCII order.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. s_namespaces.SelectMany(n => s_things.SelectMany(t => s_parts.Select(p => $"{n}/{t}-{p}"))).Take(Count - 2).Append("team/app").Append("team/kinds").Order(StringComparer.Ordinal),
    ];

    public static async Task FillAsync(PushedContent content)
    {
        // One for all, whose bytes storage is given once.
        var config = PushedContent.Config();
        await Parallel.ForEachAsync(Names, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (name, _) =>
        {
            if (name is "team/app") await FillAppAsync(content);
            else if (name is "team/kinds") foreach (var kind in EveryKind.All) await kind.PushAsync(content, name);
            else await content.ImageAsync(name, "1.0.0", config, []);
        });
    }

    // Two images, one of them signed, an index, and a chart that was deleted.
    private static async Task FillAppAsync(PushedContent content)
    {
        await content.ImageAsync("team/app", "v1", PushedContent.Config(version: "1.0"), change: b => b.Annotations["org.example.ticket"] = "T-1");
        var image = await content.ImageAsync("team/app", "v2", PushedContent.Config(version: "2.0"));
        await content.ArtifactAsync("team/app", null, PushedContent.Signature, image);
        await content.IndexAsync("team/app", "index");
        await content.ChartAsync("team/app", "gone");
        await content.Repository("team/app").Tags.DeleteAsync(Tag.Parse("gone"), default);
    }
}
