using Microsoft.Playwright;
using Serverless.Registry.Oci;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Serverless.Ui.Tests;

/// <summary>A tag, a manifest, and what differs between two.</summary>
public sealed class TagViewTests(Chromium chromium, PublishedServers servers) : PageTest(chromium, servers)
{
    [FactInBrowser]
    public async Task An_image_is_shown_with_its_layers_config_and_history()
    {
        await StartAsync();
        await Server.Content.ImageAsync("team/app", "v1", layers: [1024, 300 * 1024], change: b => b.Annotations["org.example.ticket"] = "T-1");
        var page = await OpenAsAsync("ann", "#/r/team/app/_tags/v1");
        await Expect(Section(page, "Layers").GetByRole(AriaRole.Img)).ToHaveAttributeAsync("aria-label", new System.Text.RegularExpressions.Regex("^3 blobs of .* the largest has 300 KiB$"));
        await Expect(Section(page, "Layers").GetByRole(AriaRole.Listitem)).ToHaveCountAsync(3);
        foreach (var text in (string[])["/app --listen", "0.0.0.0:8080", "/srv", "1654", "PATH=/usr/bin", "8080/tcp"]) await Expect(Section(page, "Config")).ToContainTextAsync(text);
        await Expect(Section(page, "Labels")).ToContainTextAsync("org.opencontainers.image.version");
        await Expect(Section(page, "Annotations")).ToContainTextAsync("T-1");
        await Expect(Section(page, "How it was built").GetByRole(AriaRole.Listitem)).ToHaveTextAsync([new System.Text.RegularExpressions.Regex("COPY app /app"), new System.Text.RegularExpressions.Regex("ENV VERSION.*no layer")]);
        await Expect(Section(page, "What it is").GetByText("skopeo copy --src-tls-verify=false docker://")).ToBeVisibleAsync();
    }

    [FactInBrowser]
    public async Task What_refers_to_an_image_is_a_tree()
    {
        await StartAsync();
        var image = await Server.Content.ImageAsync("team/app", "v1", layers: [10]);
        var sbom = await Server.Content.ArtifactAsync("team/app", null, PushedContent.Sbom, image);
        await Server.Content.ArtifactAsync("team/app", null, PushedContent.Signature, sbom);
        var page = await OpenAsAsync("ann", "#/r/team/app/_tags/v1");
        var tree = Section(page, "What refers to it");
        await Expect(tree.GetByRole(AriaRole.Listitem).First).ToContainTextAsync("SBOM");
        await Expect(tree.GetByRole(AriaRole.Listitem).GetByRole(AriaRole.Listitem)).ToContainTextAsync("signature");
        await tree.GetByRole(AriaRole.Link).First.ClickAsync();
        await Expect(Heading(page, $"team/app@{sbom.Digest}")).ToBeFocusedAsync();
        await Expect(page.GetByText("refers to sha256:")).ToBeVisibleAsync();
    }

    [FactInBrowser]
    public async Task An_index_leads_to_its_images()
    {
        await StartAsync();
        await Server.Content.IndexAsync("team/app", "v1");
        var page = await OpenAsAsync("ann", "#/r/team/app/_tags/v1");
        var arm = Section(page, "Images of this index").GetByRole(AriaRole.Listitem).Filter(new() { HasText = "linux/arm64" });
        await arm.GetByRole(AriaRole.Link).ClickAsync();
        await Expect(Section(page, "What it is")).ToContainTextAsync("linux/arm64");
        await Expect(Section(page, "Config")).ToContainTextAsync("/app --listen");
    }

    [FactInBrowser]
    public async Task Two_tags_are_compared_by_layers_and_config()
    {
        await StartAsync();
        var first = await Server.Content.ImageAsync("team/app", "v1", PushedContent.Config(version: "1.0"), [1024]);
        await Server.Content.ImageAsync("team/app", "v2", PushedContent.Config(version: "2.0"), [5 * 1024], b => b.Append(first.Content.Blobs[1]));
        var page = await OpenAsAsync("ann", "#/r/team/app");
        await Button(page, "Compare v1 with another tag").ClickAsync();
        await Button(page, "Compare v1 with v2").ClickAsync();
        var layers = Section(page, "Layers").GetByRole(AriaRole.Listitem);
        await Expect(layers.Filter(new() { HasText = "in both" })).ToHaveCountAsync(1);
        await Expect(layers.Filter(new() { HasText = "only in v1" })).ToHaveCountAsync(1);
        await Expect(layers.Filter(new() { HasText = "only in v2" })).ToHaveCountAsync(2);
        var row = Section(page, "Config and annotations").GetByRole(AriaRole.Row, new() { Name = "Environment VERSION" });
        await Expect(row.GetByRole(AriaRole.Cell)).ToHaveTextAsync(["1.0", "2.0"]);
        await Expect(Section(page, "Config and annotations").GetByText("Working directory")).ToHaveCountAsync(0);
    }

    [FactInBrowser]
    public async Task Indexes_are_compared_by_their_images_for_one_platform()
    {
        await StartAsync();
        await Server.Content.IndexAsync("team/app", "v1");
        await Server.Content.IndexAsync("team/app", "v2");
        var page = await OpenAsAsync("ann", "#/r/team/app/_compare/v1/v2");
        await page.GetByLabel("Platform").SelectOptionAsync("linux/arm64");
        await Expect(Section(page, "Layers").GetByRole(AriaRole.Listitem)).ToHaveCountAsync(8);
        await Expect(Section(page, "Config and annotations")).ToContainTextAsync("They say the same.");
    }

    [FactInBrowser]
    public async Task A_tag_is_rolled_back_and_that_is_undone()
    {
        await StartAsync();
        var first = await Server.Content.ImageAsync("team/app", "v1", layers: [10]);
        var second = await Server.Content.ImageAsync("team/app", "v1", layers: [20]);
        var page = await OpenAsAsync("ann", "#/r/team/app/_tags/v1");
        await Expect(Section(page, "History of the tag")).ToContainTextAsync("by zoe");
        await Button(page, $"Roll back to {first.Digest}").ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Roll back" }).ClickAsync();
        await Expect(page.GetByText($"v1 points at {first.Digest} again.")).ToBeVisibleAsync();
        await PointsAtAsync(first);
        await Button(page, "Undo").ClickAsync();
        await Expect(Button(page, $"Roll back to {first.Digest}").First).ToBeVisibleAsync();
        await PointsAtAsync(second);

        async Task PointsAtAsync(Manifest manifest) => Assert.Equal(manifest.Digest, (await Server.Content.Repository("team/app").Tags.FindAsync(Tag.Parse("v1"), default))?.Digest);
    }
}
