using Serverless.Testing;
using Xunit;

namespace Serverless.Registry.Tests;

/// <summary>In the house next door two folders refer to each other.</summary>
public sealed class FloorsTests
{
    private const string House = "Serverless.Registry.Tests.House";

    [Fact]
    public void Of_two_folders_that_refer_to_each_other_the_lower_one_is_told_of() =>
        Assert.Equal([$"{House}.Cellar.Wall uses {House}.Attic.Beam"], Violations(".", "Attic", "Cellar"));

    [Fact]
    public void Turned_upside_down_the_other_one_is_told_of() =>
        Assert.Equal([$"{House}.Attic.Beam uses {House}.Cellar.Deep.Stone"], Violations(".", "Cellar", "Attic"));

    [Fact]
    public void On_one_floor_neither_may_refer_to_the_other() =>
        Assert.Equal([$"{House}.Attic.Beam uses {House}.Cellar.Deep.Stone", $"{House}.Cellar.Wall uses {House}.Attic.Beam"], Violations(".", "Attic  Cellar"));

    [Fact]
    public void The_root_has_a_floor_like_any_folder() =>
        Assert.Equal([$"{House}.Cellar.Wall uses {House}.Attic.Beam", $"{House}.Door uses {House}.Attic.Beam"], Violations("Attic", "Cellar", "."));

    [Fact]
    public void A_folder_without_a_floor_is_told_of() => Assert.Contains($"{House}.Cellar is on no floor", Violations(".", "Attic"));

    [Fact]
    public void A_floor_without_a_folder_is_told_of() => Assert.Contains($"{House}.Garden has a floor and no types", Violations(".", "Attic", "Cellar", "Garden"));

    private static IReadOnlyList<string> Violations(params string[] floors) => Floors.Violations(typeof(FloorsTests).Assembly, House, floors);
}
