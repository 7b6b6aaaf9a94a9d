using Xunit;

namespace Serverless.Ui.Tests;

/// <summary>A test that needs the page and a browser. Where one of them is missing it counts as skipped, and in CI it fails: there nothing may go untested.</summary>
internal sealed class FactInBrowserAttribute : FactAttribute
{
    public FactInBrowserAttribute() => Skip = Missing.InBrowser;
}

/// <summary>The same with cases.</summary>
internal sealed class TheoryInBrowserAttribute : TheoryAttribute
{
    public TheoryInBrowserAttribute() => Skip = Missing.InBrowser;
}

/// <summary>A test that needs the page and no browser.</summary>
internal sealed class FactWithPageAttribute : FactAttribute
{
    public FactWithPageAttribute() => Skip = Missing.Page;
}

/// <summary>The same with cases.</summary>
internal sealed class TheoryWithPageAttribute : TheoryAttribute
{
    public TheoryWithPageAttribute() => Skip = Missing.Page;
}

/// <summary>Why tests cannot be done here; null when they can, or must be.</summary>
internal static class Missing
{
    private static bool IsCi => Environment.GetEnvironmentVariable("CI") == "true";

    public static string? Page => IsCi || PageFiles.Exist ? null : "The build had no Node.js, and made no page.";

    public static string? InBrowser => Page ?? (IsCi || File.Exists(ChromiumCollection.Executable) ? null : $"{ChromiumCollection.Executable} is not there; CHROMIUM may name another.");
}
